//! How the binary is linked; the library is not touched.
//!
//! An executable at a fixed place has no addresses to correct when it starts: there are 38,000, a quarter of the time
//! that a whole `visit` takes. The heap, the stack and all libraries stay where nobody can foresee them.
#![allow(clippy::print_stdout, reason = "a build script speaks to cargo by printing")]

fn main() {
    println!("cargo::rerun-if-changed=scripts/build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    // Tried there; elsewhere the default stays.
    if is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("CARGO_CFG_TARGET_ARCH", "x86_64")
    {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
