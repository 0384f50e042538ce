//! Free ports on loopback, and small questions over HTTP.

use anyhow::Context;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

/// A port that nobody listens on now.
///
/// # Errors
/// When loopback has none.
pub fn free_port() -> anyhow::Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("looking for a free port")?;
    Ok(listener.local_addr()?.port())
}

/// Whether `GET http://127.0.0.1:port path` answers 200.
pub async fn answers(port: u16, path: &str) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.ok()?;
        Some(start.ends_with(b"200"))
    };
    matches!(tokio::time::timeout(Duration::from_secs(1), ask).await, Ok(Some(true)))
}

/// Stands where the events go: passes them on while somebody listens at `target`, and takes them in silently while nobody does.
/// Without it every event of a controller would block until notification-controller is up.
pub async fn relay_events(listener: TcpListener, target: u16) {
    while let Ok((mut incoming, _)) = listener.accept().await {
        tokio::spawn(async move {
            match TcpStream::connect(("127.0.0.1", target)).await {
                Ok(mut outgoing) => {
                    let _ = tokio::io::copy_bidirectional(&mut incoming, &mut outgoing).await;
                }
                Err(_) => {
                    let mut request = vec![0; 64 * 1024];
                    let _ = incoming.read(&mut request).await;
                    let answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    let _ = incoming.write_all(answer).await;
                }
            }
        });
    }
}
