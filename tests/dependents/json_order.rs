//! A program with JSON of its own, and a session store.

use serde_json::json;
use sessctl::session::Data;
use sessctl::stores::{MemoryStore, conformance};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("own: {}", json!({"b": 1, "a": 2}));
    println!("session: {}", Data::from_json(r#"{"b":1,"a":2}"#)?.to_json());
    conformance::check(async || MemoryStore::new()).await;
    println!("the store keeps its contract");
    Ok(())
}
