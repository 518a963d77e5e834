//! [`FormFields`]: the form in a request body or a query.

use std::convert::Infallible;
use std::error::Error;
use std::future::ready;
use std::pin::pin;

use bytes::{Buf, BufMut};
use serde::Deserialize;
use warp::{Filter, Rejection, Stream};

use sessctl::server::BodyError;

use super::problem::Problem;

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// Names and values in their order.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct FormFields(Vec<(String, String)>);

impl FormFields {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        FormFields(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The value of the first field with this name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// The fields of the query, if there is one.
pub(super) fn query_fields() -> impl Filter<Extract = (FormFields,), Error = Infallible> + Copy {
    warp::query().or_else(|_| ready(Ok((FormFields::default(),))))
}

/// The form in the body. The server limits the size of a body, and the time to read it.
pub(super) fn form_fields() -> impl Filter<Extract = (Result<FormFields, Problem>,), Error = Rejection> + Copy
{
    let content_type = warp::header::optional::<String>("content-type");
    // A Content-Type that is not text is not the type of a form.
    let content_type = content_type.or_else(|_| ready(Ok::<_, Rejection>((Some(String::new()),))));
    content_type.and(warp::body::stream()).then(read)
}

async fn read(
    content_type: Option<String>,
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
) -> Result<FormFields, Problem> {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    while let Some(chunk) = std::future::poll_fn(|cx| body.as_mut().poll_next(cx)).await {
        bytes.put(chunk.map_err(|error| unreadable(&error))?);
    }
    let media_type = content_type.as_deref().and_then(|value| value.split(';').next()).map(str::trim);
    // Only an empty body needs no type.
    if !media_type.map_or(bytes.is_empty(), |media_type| media_type.eq_ignore_ascii_case(MEDIA_TYPE)) {
        return Err(Problem::FORM_TYPE);
    }
    Ok(FormFields::parse(&bytes))
}

fn unreadable(error: &warp::Error) -> Problem {
    let mut causes = std::iter::successors(Some(error as &dyn Error), |&error| error.source());
    match causes.find_map(|cause| cause.downcast_ref()) {
        Some(BodyError::TooLarge) => Problem::FORM_TOO_LARGE,
        Some(BodyError::QuotaExceeded) => Problem::TOO_MANY_FORMS,
        _ => Problem::FORM_UNREADABLE,
    }
}

#[cfg(test)]
mod tests {
    mod properties {
        use std::pin::Pin;
        use std::task::{Context, Poll};

        use bytes::Bytes;
        use proptest::prelude::*;

        use super::super::*;

        /// A body in chunks.
        struct Chunks(std::vec::IntoIter<Bytes>);

        impl Stream for Chunks {
            type Item = Result<Bytes, warp::Error>;

            fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
                Poll::Ready(self.0.next().map(Ok))
            }
        }

        fn form_in(chunks: Vec<Bytes>) -> FormFields {
            let content_type = Some("application/x-www-form-urlencoded; charset=utf-8".to_owned());
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(read(content_type, Chunks(chunks.into_iter()))).unwrap()
        }

        fn bytes() -> impl Strategy<Value = Vec<u8>> {
            prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..80),
                "[a-z=&%+0-9A-F;]{0,80}".prop_map(String::into_bytes),
            ]
        }

        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
            #[test]
            fn every_body_is_a_form_and_chunks_do_not_change_it(body in bytes(), cuts in any::<[u8; 3]>()) {
                let whole = form_in(vec![Bytes::from(body.clone())]);
                let mut rest = Bytes::from(body);
                let mut chunks: Vec<Bytes> =
                    cuts.iter().map(|cut| rest.split_to(usize::from(*cut).min(rest.len()))).collect();
                chunks.push(rest);
                prop_assert_eq!(form_in(chunks).0, whole.0);
            }

            #[test]
            fn fields_that_a_browser_writes_are_read(fields: Vec<(String, String)>) {
                let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
                let form = form_in(vec![Bytes::from(body)]);
                for (name, _) in &fields {
                    let first = fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
                    prop_assert_eq!(form.get(name), first);
                }
            }
        }
    }
}
