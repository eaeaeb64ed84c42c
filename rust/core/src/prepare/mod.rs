//! What is done to a signal, and what is noticed of it, before features are computed.

pub mod inspect;
