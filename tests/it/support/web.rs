//! A web server on loopback that answers as it is told, and writes down what it was asked.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;

/// A request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// With its query.
    pub path: String,
    /// By their names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// A status and a body.
pub type Told = (u16, Vec<u8>);

/// A running server. Its thread ends with the process.
pub struct Web {
    pub url: String,
    seen: Arc<Mutex<Vec<Asked>>>,
}

impl Web {
    /// Answers every request; `None` hangs up.
    pub fn start(answer: impl Fn(&Asked) -> Option<Told> + Send + Sync + 'static) -> Self {
        Self::start_with("Basic realm=\"here\"", answer)
    }

    /// The same with another challenge in answers of status 401, in which `URL` is replaced by the address of the server.
    pub fn start_with(
        challenge: &str,
        answer: impl Fn(&Asked) -> Option<Told> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let challenge: Arc<str> = challenge.replace("URL", &url).into();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, answer, challenge) =
                    (Arc::clone(&log), Arc::clone(&answer), Arc::clone(&challenge));
                std::thread::spawn(move || serve(stream, &challenge, &log, &*answer));
            }
        });
        Self { url, seen }
    }

    /// Everything that was asked, in order.
    pub fn seen(&self) -> Vec<Asked> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(
    stream: TcpStream,
    challenge: &str,
    log: &Mutex<Vec<Asked>>,
    answer: &dyn Fn(&Asked) -> Option<Told>,
) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let mut asked = Asked { method: words.next()?.into(), path: words.next()?.into(), ..Asked::default() };
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        asked.headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = asked.headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    let told = answer(&asked);
    log.lock().unwrap().push(asked);
    let (status, body) = told?;
    let mut stream = stream;
    let challenge = if status == 401 { format!("WWW-Authenticate: {challenge}\r\n") } else { String::new() };
    let words = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let words = words.unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status} {words}\r\n{challenge}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&body).ok()
}
