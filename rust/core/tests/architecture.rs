//! Checks that modules do not depend on each other in a circle, directly or through others.

#![allow(clippy::unwrap_used)] // A test may panic.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Graph = BTreeMap<String, BTreeSet<String>>;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The text of a file without its test module, which may use anything.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].to_owned()
}

/// The names that follow `prefix` in the `use` lines of a text.
fn used<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = String> + 'a {
    let lines = text.lines().map(str::trim_start);
    let imports = lines.filter_map(move |line| {
        let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
        line.strip_prefix("use ")?.strip_prefix(prefix)
    });
    imports.map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        rest[..end.unwrap_or(rest.len())].to_owned()
    })
}

/// Repeatedly removes names that use none of the remaining ones. What remains is a circle.
fn circle(mut graph: Graph) -> Graph {
    loop {
        let left: BTreeSet<String> = graph.keys().cloned().collect();
        let before = graph.len();
        graph.retain(|name, uses| uses.iter().any(|used| used != name && left.contains(used)));
        if graph.len() == before {
            return graph;
        }
    }
}

/// What one of the crates consists of.
fn source_of(name: &str) -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    crates.join(name).join("src")
}

#[test]
fn the_packages_of_a_crate_use_each_other_in_one_direction() {
    check_packages(&source_of("core"));
    check_packages(&source_of("decode"));
}

#[test]
fn the_decoders_know_nothing_of_python_and_the_core() {
    for path in files(&source_of("decode")) {
        let text = fs::read_to_string(&path).unwrap();
        for foreign in ["pyo3", "numpy", "audioclust_core"] {
            assert!(!text.contains(foreign), "{}", path.display());
        }
    }
}

fn check_packages(source: &Path) {
    let mut graph = Graph::new();
    for path in files(source) {
        let inside = path.strip_prefix(source).unwrap();
        let own = inside.iter().next().unwrap().to_string_lossy();
        let own = own.trim_end_matches(".rs").to_owned();
        if own != "lib" && !inside.ends_with("tests.rs") {
            let uses = graph.entry(own).or_default();
            uses.extend(used(&code(&path), "crate::"));
        }
    }
    assert_eq!(circle(graph), Graph::new());
}

#[test]
fn the_files_of_a_package_use_each_other_in_one_direction() {
    let source = source_of("core");
    let folders: BTreeSet<PathBuf> = files(&source)
        .iter()
        .map(|path| path.parent().unwrap().to_owned())
        .collect();
    for folder in folders.iter().filter(|folder| **folder != source) {
        let package = folder.strip_prefix(&source).unwrap();
        let absolute = package.to_string_lossy().replace('/', "::");
        let absolute = format!("crate::{absolute}::");
        let mut graph = Graph::new();
        for path in files(folder) {
            let own = path.file_stem().unwrap().to_string_lossy().into_owned();
            if path.parent() == Some(folder) && own != "mod" {
                let text = code(&path);
                let uses = graph.entry(own).or_default();
                uses.extend(used(&text, "super::"));
                uses.extend(used(&text, &absolute));
            }
        }
        assert_eq!(circle(graph), Graph::new(), "{}", folder.display());
    }
}
