//! The way back from the browser: raw requests to the real listener.

mod browser;
mod hits;
mod lifetime;
mod rules;
