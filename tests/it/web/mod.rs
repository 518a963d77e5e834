//! Layers and filters around applications.

mod examples;
mod guard;
mod layer;
mod nested_layers;
mod proxy;
