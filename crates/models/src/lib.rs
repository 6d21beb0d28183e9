//! The ways to run work, each written once over the Host seam.
