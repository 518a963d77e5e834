//! Layers and filters around applications.

mod guard;
mod layer;
mod nested_layers;
mod proxy;
