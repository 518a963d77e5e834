//! Layers and filters around applications.

mod guard;
mod layer;
mod proxy;
