//! [`TrackedBody`]: a response whose connection counts as busy until its client has been sent all of it.

use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::connections::Connection;

/// How much of a response is handed on at once where many share a connection: HTTP/2 asks for more when its client has
/// room for one octet, and keeps what that client does not take.
const PIECE: usize = 16 * 1024;

/// Makes its connection busy, and silent when dropped.
#[derive(Debug)]
pub(super) struct Busy(Arc<Connection>);

impl Busy {
    /// `None`: the connection was closed meanwhile, and nothing may be begun.
    pub(super) fn begin(connection: &Arc<Connection>) -> Option<Self> {
        connection.begin_request().then(|| Busy(Arc::clone(connection)))
    }

    /// Stays for as long as the body does.
    pub(super) fn until_handed_on<B: Body>(self, body: B) -> TrackedBody<B> {
        TrackedBody { body, rest: None, busy: self }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.end_request();
    }
}

pin_project! {
    /// The body of a response, and the knowledge that its connection is busy with it.
    #[derive(Debug)]
    pub(super) struct TrackedBody<B: Body> {
        #[pin]
        body: B,
        // Of a piece of the body what was not handed on yet.
        rest: Option<B::Data>,
        busy: Busy,
    }
}

/// What is handed on at once.
#[derive(Debug)]
pub(super) enum TrackedData<D> {
    /// To a connection that waits until it is sent.
    Whole(D),
    /// To one that keeps it, with what tells for how long.
    Piece(Bytes, Queued),
}

/// A piece of a response that lies in its connection.
#[derive(Debug)]
pub(super) struct Queued(Arc<Connection>);

impl Drop for Queued {
    fn drop(&mut self) {
        self.0.piece_has_gone();
    }
}

impl<B: Body> Body for TrackedBody<B> {
    type Data = TrackedData<B::Data>;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, B::Error>>> {
        let this = self.project();
        let connection = &this.busy.0;
        let data = match this.rest.take() {
            Some(rest) => rest,
            None => match ready!(this.body.poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => data,
                    Err(other) => {
                        let trailers = other.into_trailers().unwrap_or_default();
                        return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
                    }
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            },
        };
        if !connection.has_many_at_once() {
            return Poll::Ready(Some(Ok(Frame::data(TrackedData::Whole(data)))));
        }
        let mut data = data;
        let piece = data.copy_to_bytes(data.remaining().min(PIECE));
        *this.rest = data.has_remaining().then_some(data);
        connection.piece_comes();
        Poll::Ready(Some(Ok(Frame::data(TrackedData::Piece(piece, Queued(Arc::clone(connection)))))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        if let Some(rest) = &self.rest {
            let rest = rest.remaining() as u64;
            let upper = hint.upper().map(|upper| upper.saturating_add(rest));
            hint.set_lower(hint.lower().saturating_add(rest));
            upper.into_iter().for_each(|upper| hint.set_upper(upper));
        }
        hint
    }
}

impl<D: Buf> Buf for TrackedData<D> {
    fn remaining(&self) -> usize {
        match self {
            TrackedData::Whole(data) => data.remaining(),
            TrackedData::Piece(data, _) => data.remaining(),
        }
    }

    fn chunk(&self) -> &[u8] {
        match self {
            TrackedData::Whole(data) => data.chunk(),
            TrackedData::Piece(data, _) => data.chunk(),
        }
    }

    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        match self {
            TrackedData::Whole(data) => data.chunks_vectored(slices),
            TrackedData::Piece(data, _) => data.chunks_vectored(slices),
        }
    }

    fn advance(&mut self, count: usize) {
        match self {
            TrackedData::Whole(data) => data.advance(count),
            TrackedData::Piece(data, Queued(connection)) => {
                connection.piece_moves();
                data.advance(count);
            }
        }
    }

    fn copy_to_bytes(&mut self, count: usize) -> Bytes {
        match self {
            TrackedData::Whole(data) => data.copy_to_bytes(count),
            TrackedData::Piece(data, Queued(connection)) => {
                connection.piece_moves();
                data.copy_to_bytes(count)
            }
        }
    }
}
