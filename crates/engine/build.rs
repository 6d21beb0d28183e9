//! Link arguments for a module whose memory several workers share. The compiler has stopped adding them by itself.

/// The most memory that the threads of one engine can share. Fixed and modest: phones refuse a large shared maximum.
const SHARED_MEMORY_BYTES: u32 = 512 << 20;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let shares_memory = variable("CARGO_CFG_TARGET_FEATURE").split(',').any(|feature| feature == "atomics");
    if variable("CARGO_CFG_TARGET_ARCH") != "wasm32" || !shares_memory {
        return;
    }
    let limit = format!("--max-memory={SHARED_MEMORY_BYTES}");
    let exports = ["__heap_base", "__wasm_init_tls", "__tls_size", "__tls_align", "__tls_base"];
    for argument in ["--shared-memory", "--import-memory", &limit] {
        println!("cargo::rustc-link-arg-cdylib={argument}");
    }
    for name in exports {
        println!("cargo::rustc-link-arg-cdylib=--export={name}");
    }
}
