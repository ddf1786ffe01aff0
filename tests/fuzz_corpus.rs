//! Replays what fuzzing has found, and where it starts from: every file in `fuzz/corpus` through its target's
//! function. `npm run fuzz` goes on from there.

#[path = "../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "public for the crate of the targets")]
mod fuzz;

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// What all files of the corpus may have together, so that it stays fit for a repository.
const MOST_BYTES: u64 = 300_000;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("readable").path()).collect()
}

fn stems(folder: &Path) -> BTreeSet<String> {
    let stem = |path: PathBuf| path.file_stem().expect("a name").to_string_lossy().into_owned();
    files(folder).into_iter().map(stem).collect()
}

#[test]
fn no_file_of_the_corpus_breaks_a_promise() {
    let mut broken = Vec::new();
    for (name, target) in fuzz::TARGETS {
        let files = files(&folder("corpus").join(name));
        assert!(files.len() > 1, "{name} has no corpus");
        for file in files {
            let bytes = fs::read(&file).expect("readable");
            if catch_unwind(|| target(&bytes)).is_err() {
                broken.push(file);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_target_is_fuzzed_and_replayed() {
    let names: BTreeSet<String> = fuzz::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(stems(&folder("corpus")), names);
    assert_eq!(stems(&folder("fuzz_targets")), names);
    let manifest = fs::read_to_string(folder("Cargo.toml")).expect("readable");
    for name in names {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name} is not built");
    }
}

#[test]
fn the_corpus_is_small() {
    let folders = files(&folder("corpus"));
    let files = folders.iter().flat_map(|folder| files(folder));
    let bytes: u64 = files.map(|file| fs::metadata(file).expect("readable").len()).sum();
    assert!(bytes < MOST_BYTES, "{bytes} bytes");
}
