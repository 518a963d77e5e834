//! Layers and filters around applications.

mod examples;
mod guard;
mod layer;
mod nested_layers;
mod peer_application;
mod proxy;
mod responses;
mod testing_chapter;
