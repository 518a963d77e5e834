//! Layers and filters around applications.

mod layer;
