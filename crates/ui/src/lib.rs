//! What the person sees: Yew components that perform session's effects.
