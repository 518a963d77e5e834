//! Layers and filters around applications.

mod examples;
mod guard;
mod layer;
mod local_target;
mod nested_layers;
mod peer_application;
mod proxy;
mod responses;
mod testing_chapter;
