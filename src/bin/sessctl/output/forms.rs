//! The forms of a page, with their fields.

use serde_json::{Value, json};

use sessctl::client::form::{Control, ControlKind, Form, FormEncoding, FormMethod};

use super::output::Output;
use super::style::{Role, paint, sanitize};

impl Output {
    /// Each form with its fields and buttons.
    pub(crate) fn forms(&mut self, forms: &[Form]) {
        if self.json {
            let forms: Vec<Value> = (1..).zip(forms).map(|(number, form)| form_json(number, form)).collect();
            return self.answer_json(&json!({ "forms": forms }));
        }
        let color = self.terminal.stdout.color;
        for (number, form) in (1..).zip(forms) {
            let mut lines = vec![paint(Role::Key, &sanitize(&heading(number, form), false), color)];
            for control in form.controls.iter().filter(|control| is_worth_showing(control)) {
                lines.push(format!("  {}", sanitize(&self.field(control), false)));
            }
            self.answer_styled(&format!("{}\n", lines.join("\n")));
        }
    }

    fn field(&self, control: &Control) -> String {
        let name = if control.name.is_empty() { "(unnamed)" } else { &control.name };
        let mut words = vec![name.to_owned(), kind_of(control).to_owned()];
        if !control.label.is_empty() {
            words.push(format!("{:?}", control.label));
        }
        let shown = !matches!(control.kind, ControlKind::Submit(_) | ControlKind::Image(_));
        if shown && !control.value.is_empty() {
            words.push(format!("= {}", self.shortened(&control.value)));
        }
        if let ControlKind::Select { options, .. } = &control.kind {
            let options: Vec<&str> = options.iter().map(|option| option.value.as_str()).collect();
            words.push(format!("one of: {}", options.join(", ")));
        }
        words.extend(demands(control));
        words.join("  ")
    }
}

/// A button without a form action does nothing without scripts.
fn is_worth_showing(control: &Control) -> bool {
    control.kind != ControlKind::Button
}

fn heading(number: usize, form: &Form) -> String {
    let named = |label: &str, name: &str| {
        if name.is_empty() { String::new() } else { format!(" {label}={name}") }
    };
    let (id, name) = (named("id", &form.id), named("name", &form.name));
    format!("form {number}:{id}{name} {} {}", method_of(form), form.action)
}

/// What a browser requires before it sends the field.
fn demands(control: &Control) -> Vec<String> {
    let wants = &control.constraints;
    let mut demands = Vec::new();
    demands.extend(control.disabled.then(|| "disabled".to_owned()));
    demands.extend(wants.required.then(|| "required".to_owned()));
    demands.extend(wants.min_length.map(|length| format!("at least {length} characters")));
    demands.extend(wants.max_length.map(|length| format!("at most {length} characters")));
    demands.extend(wants.pattern.as_ref().map(|pattern| format!("pattern {pattern}")));
    demands
}

fn form_json(number: usize, form: &Form) -> Value {
    let fields: Vec<Value> =
        form.controls.iter().filter(|control| is_worth_showing(control)).map(field_json).collect();
    json!({
        "number": number,
        "id": form.id,
        "name": form.name,
        "method": method_of(form),
        "action": form.action.as_str(),
        "encoding": match form.encoding {
            FormEncoding::UrlEncoded => "application/x-www-form-urlencoded",
            FormEncoding::Multipart => "multipart/form-data",
            FormEncoding::Plain => "text/plain",
        },
        "fields": fields,
    })
}

fn field_json(control: &Control) -> Value {
    let mut field = json!({
        "name": control.name,
        "kind": kind_of(control),
        "label": control.label,
        "value": control.value,
        "required": control.constraints.required,
        "disabled": control.disabled,
    });
    match &control.kind {
        ControlKind::Select { options, .. } => {
            let options: Vec<Value> = options
                .iter()
                .map(|it| json!({ "value": it.value, "label": it.label, "selected": it.selected }))
                .collect();
            field["options"] = options.into();
        }
        ControlKind::Checkbox { checked } | ControlKind::Radio { checked } => {
            field["checked"] = (*checked).into()
        }
        _ => {}
    }
    field
}

pub(super) fn method_of(form: &Form) -> &'static str {
    match form.method {
        FormMethod::Get => "GET",
        FormMethod::Post => "POST",
        FormMethod::Dialog => "dialog",
    }
}

pub(super) fn kind_of(control: &Control) -> &str {
    match &control.kind {
        ControlKind::Text(kind) => kind,
        ControlKind::Password => "password",
        ControlKind::Hidden => "hidden",
        ControlKind::Checkbox { checked: true } => "checkbox, ticked",
        ControlKind::Checkbox { .. } => "checkbox",
        ControlKind::Radio { checked: true } => "radio, chosen",
        ControlKind::Radio { .. } => "radio",
        ControlKind::Select { multiple: true, .. } => "select, several",
        ControlKind::Select { .. } => "select",
        ControlKind::File => "file",
        ControlKind::Submit(_) | ControlKind::Image(_) => "button",
        ControlKind::Button => "button without an action",
    }
}
