//! Lets the linker leave Node's symbols unresolved, which some platforms' linkers refuse by default.

fn main() {
    napi_build::setup();
}
