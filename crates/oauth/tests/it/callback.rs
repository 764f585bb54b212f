//! The way back from the browser: raw requests to the real listener.

mod browser;
mod forged;
mod hits;
mod lifetime;
mod matrix;
mod pasted;
mod rules;
