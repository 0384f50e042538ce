//! A proxy on loopback that writes down what goes through it.

use std::sync::Arc;
use std::sync::Mutex;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::copy_bidirectional;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

/// A running proxy; it ends when this value does.
pub struct Proxy {
    pub url: String,
    seen: Arc<Mutex<Vec<String>>>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Proxy {
    pub fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(carry(stream, Arc::clone(&log)));
            }
        });
        Self { url, seen, runtime: Some(runtime) }
    }

    /// Method and target of every request, e.g. `CONNECT 127.0.0.1:443`.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // A runtime must not be waited for inside another one.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn carry(mut client: TcpStream, log: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.ok()?);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let (method, rest) = text.split_once(' ')?;
    let target = rest.split(' ').next()?;
    log.lock().unwrap().push(format!("{method} {target}"));
    let host = target.trim_start_matches("http://").split('/').next()?;
    let mut server = TcpStream::connect(host).await.ok()?;
    match method {
        "CONNECT" => client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?,
        _ => server.write_all(&head).await.ok()?,
    }
    copy_bidirectional(&mut client, &mut server).await.ok()?;
    Some(())
}
