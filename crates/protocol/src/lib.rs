//! What page and engine say to each other.
