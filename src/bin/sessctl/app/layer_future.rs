//! [`LayerFuture`]: the future of the layers. A box per layer saves a hand-written future for each layer.

use std::pin::Pin;

pub(super) type LayerFuture<R, E> = Pin<Box<dyn Future<Output = Result<R, E>> + Send>>;
