//! [`HttpService`]: a service of the application, which layers wrap.

use std::convert::Infallible;

use http::Request;
use tower_service::Service;
use warp::reply::Response;

use sessctl::server::RequestBody;

/// A short name for these bounds.
pub(crate) trait HttpService:
    Service<Request<RequestBody>, Response = Response, Error = Infallible, Future: Send + 'static>
    + Clone
    + Send
    + 'static
{
}

impl<S> HttpService for S where
    S: Service<Request<RequestBody>, Response = Response, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + 'static
{
}
