//! [`ResponseBody`]: a response whose request is active until hyper has taken all of it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::connection_state::ConnectionState;
use super::queued_bytes::QueuedBytes;

/// How much of a response hyper gets at once over HTTP/2: it asks for more as soon as the client's window has room for
/// one byte, and buffers what the window has no room for.
const MAX_CHUNK_LEN: usize = 16 * 1024;

/// Counts a request as active until dropped.
#[derive(Debug)]
pub(super) struct ActiveRequest(Arc<ConnectionState>);

impl ActiveRequest {
    /// Returns `None` if the connection is closed.
    pub(super) fn begin(connection: &Arc<ConnectionState>) -> Option<Self> {
        connection.begin_request().then(|| ActiveRequest(Arc::clone(connection)))
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.0.end_request();
    }
}

pin_project! {
    /// The body of a response, with the request that it answers.
    #[derive(Debug)]
    pub(super) struct ResponseBody<B> {
        #[pin]
        body: B,
        // The rest of a frame whose first chunk hyper has taken.
        rest: Option<Bytes>,
        queued: QueuedBytes,
        active: ActiveRequest,
    }
}

impl<B> ResponseBody<B> {
    pub(super) fn new(body: B, active: ActiveRequest, queued: QueuedBytes) -> Self {
        ResponseBody { body, rest: None, queued, active }
    }
}

impl<B: Body> Body for ResponseBody<B> {
    type Data = ResponseData;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<ResponseData>, B::Error>>> {
        let this = self.project();
        let mut bytes = match this.rest.take() {
            Some(rest) => rest,
            None => {
                let Some(frame) = ready!(this.body.poll_frame(cx)?) else { return Poll::Ready(None) };
                match frame.into_data() {
                    Ok(mut data) => data.copy_to_bytes(data.remaining()),
                    Err(frame) => {
                        let trailers = frame.into_trailers().unwrap_or_default();
                        return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
                    }
                }
            }
        };
        let connection = &this.active.0;
        let buffered = connection.is_multiplexed().then(|| BufferedChunk::new(connection));
        if buffered.is_some() && bytes.len() > MAX_CHUNK_LEN {
            *this.rest = Some(bytes.split_off(MAX_CHUNK_LEN));
        }
        let queued = this.queued.split(bytes.len());
        Poll::Ready(Some(Ok(Frame::data(ResponseData { bytes, buffered, _queued: queued }))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // hyper asks before it takes the first frame; later the size is not known.
        if self.rest.is_none() { self.body.size_hint() } else { SizeHint::default() }
    }
}

/// A part of a response. Over HTTP/1.1 hyper takes no more before it has sent this; over HTTP/2 it may buffer it.
#[derive(Debug)]
pub(super) struct ResponseData {
    bytes: Bytes,
    buffered: Option<BufferedChunk>,
    _queued: QueuedBytes,
}

/// Counts a chunk as buffered until dropped.
#[derive(Debug)]
struct BufferedChunk(Arc<ConnectionState>);

impl BufferedChunk {
    fn new(connection: &Arc<ConnectionState>) -> Self {
        connection.buffered_chunk_added();
        BufferedChunk(Arc::clone(connection))
    }
}

impl Drop for BufferedChunk {
    fn drop(&mut self) {
        self.0.buffered_chunk_removed();
    }
}

impl Buf for ResponseData {
    fn remaining(&self) -> usize {
        self.bytes.remaining()
    }

    fn chunk(&self) -> &[u8] {
        self.bytes.chunk()
    }

    fn advance(&mut self, count: usize) {
        if let Some(chunk) = &self.buffered {
            chunk.0.buffered_chunk_advanced();
        }
        self.bytes.advance(count);
    }
}
