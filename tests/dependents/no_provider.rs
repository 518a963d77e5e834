//! A program that asks the library for TLS, but has no TLS provider.

use std::error::Error;

use sessctl::client::{AgentConfig, Request, UserAgent};
use sessctl::cookies::Jar;
use sessctl::server::Tls;
use sessctl::stores::{PostgresStore, RedisStore};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("server: {}", whole(Tls::load("no.pem", "no.pem").map(drop)));
    println!("redis: {}", whole(RedisStore::open("rediss://127.0.0.1:1").await.map(drop)));
    println!("postgres: {}", whole(PostgresStore::open("postgres://a@127.0.0.1:1/b").await.map(drop)));
    let without = PostgresStore::open("postgres://a@127.0.0.1:1/b?sslmode=disable").await.map(drop);
    println!("without TLS: {}", whole(without));
    let mut agent = UserAgent::new(AgentConfig::default(), Jar::new());
    println!("client: {}", whole(agent.send(Request::page("https://127.0.0.1:1/".parse()?)).await.map(drop)));
    Ok(())
}

/// An error with its causes.
fn whole<E: Error + 'static>(result: Result<(), E>) -> String {
    let Err(error) = result else { return "no error".to_owned() };
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
