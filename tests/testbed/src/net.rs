//! Small questions over HTTP on loopback, and where events go while nothing receives them.

use std::sync::Arc;
use std::sync::atomic::AtomicU16;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

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

/// Receives the events: passes them on while something listens at the port `target`, and drops them while nothing does
/// or the port is 0.
/// Without it every event of a controller would block until notification-controller is up.
pub async fn relay_events(listener: TcpListener, target: Arc<AtomicU16>) {
    while let Ok((mut incoming, _)) = listener.accept().await {
        let port = target.load(Ordering::Relaxed);
        tokio::spawn(async move {
            match TcpStream::connect(("127.0.0.1", port)).await {
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
