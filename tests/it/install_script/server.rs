//! A small web server with the files of a release, which can fail in the ways that matter to a download.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// The connection ends in the middle of the file.
    Cut,
    /// Nothing is answered.
    Hang,
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    fault: Option<(String, Fault)>,
    asked: Vec<String>,
}

pub(super) struct Server {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // A client that leaves is not a failure of the server.
                std::thread::spawn(move || answer(stream, &shared).is_ok());
            }
        });
        Self { url, state }
    }

    pub(super) fn serve(&self, files: &BTreeMap<String, Vec<u8>>, fault: Option<(String, Fault)>) {
        *self.state.lock().unwrap() = State { files: files.clone(), fault, asked: Vec::new() };
    }

    /// The names of the files that were asked for.
    pub(super) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    pub(super) fn wait_until_asked_for(&self, file: &str) {
        let begun = Instant::now();
        while !self.asked().iter().any(|asked| asked == file) {
            assert!(begun.elapsed() < Duration::from_secs(60), "{file} was not asked for");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let (found, fault) = {
        let mut state = state.lock().unwrap();
        let name = path.strip_prefix("/v9.9.9/").or(path.strip_prefix("/v9.9.8/")).unwrap_or_default();
        state.asked.push(name.to_owned());
        let fault = state.fault.as_ref().filter(|(file, _)| file == name).map(|(_, fault)| *fault);
        (state.files.get(name).cloned(), fault)
    };
    let Some(bytes) = found else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let sent = match fault {
        Some(Fault::Hang) => {
            std::thread::sleep(Duration::from_secs(60));
            return Ok(());
        }
        Some(Fault::Cut) => &bytes[..bytes.len() / 2],
        None => &bytes[..],
    };
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len())?;
    stream.write_all(sent)
}
