//! A program with an HTTP client of its own, without TLS.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", server.local_addr()?);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = server.accept().await {
            let _ = client.read(&mut [0; 4096]).await;
            let _ = client
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                .await;
        }
    });
    println!("own: {}", reqwest::Client::new().get(&url).send().await?.text().await?);
    agent(&url).await
}

/// The user agent of the library.
async fn agent(url: &str) -> Result<(), Box<dyn std::error::Error>> {
    use sessctl::client::{AgentConfig, Request, UserAgent};
    use sessctl::cookies::Jar;

    let mut agent = UserAgent::new(AgentConfig::default(), Jar::new());
    println!("agent: {}", agent.send(Request::page(url.parse()?)).await?.text());
    let encrypted = Request::page(url.replace("http:", "https:").parse()?);
    println!("https: {}", agent.send(encrypted).await.err().ok_or("sent without TLS")?);
    Ok(())
}
