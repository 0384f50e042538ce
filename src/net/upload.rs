//! Bodies of requests that are read from a file while they are sent, so that their size does not matter.

use bytes::Bytes;
use bytes::BytesMut;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use tokio::fs::File;
use tokio::io::AsyncRead;
use tokio::io::ReadBuf;

const CHUNK: usize = 128 * 1024;

/// Counts the bytes that have been transferred, for a progress bar.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<AtomicU64>);

impl Meter {
    /// The bytes so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Further bytes were transferred.
    pub fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The transfer begins again.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// The body that a file of this length is.
pub fn file_body(file: std::fs::File, length: u64, meter: Meter) -> reqwest::Body {
    reqwest::Body::wrap(FileBody { file: File::from_std(file), left: length, chunk: BytesMut::new(), meter })
}

struct FileBody {
    file: File,
    left: u64,
    chunk: BytesMut,
    meter: Meter,
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let body = self.get_mut();
        if body.left == 0 {
            return Poll::Ready(None);
        }
        let room = usize::try_from(body.left).map_or(CHUNK, |left| left.min(CHUNK));
        body.chunk.resize(room, 0);
        let mut buffer = ReadBuf::new(&mut body.chunk);
        if let Err(error) = ready!(Pin::new(&mut body.file).poll_read(context, &mut buffer)) {
            return Poll::Ready(Some(Err(error)));
        }
        let read = buffer.filled().len();
        if read == 0 {
            return Poll::Ready(Some(Err(io::Error::other("the file became shorter while it was sent"))));
        }
        body.left -= read as u64;
        body.meter.add(read as u64);
        Poll::Ready(Some(Ok(Frame::data(body.chunk.split_to(read).freeze()))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }
}
