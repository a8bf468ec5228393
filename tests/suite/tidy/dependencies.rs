//! What depends on what: arrows point one way, from functions to adapters to the core, and the core is pure.

use super::{check, files_ending, read, run};
use std::collections::BTreeSet;

/// What the core must never be able to call: runtimes, networks, AWS, clocks and randomness.
const IMPURE: [&str; 27] = [
    "async-io",
    "async-std",
    "aws-",
    "axum",
    "curl",
    "fastrand",
    "getrandom",
    "h2",
    "http",
    "hyper",
    "isahc",
    "lambda_",
    "mio",
    "native-tls",
    "openssl",
    "rand",
    "redb",
    "reqwest",
    "ring",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "tonic",
    "tower",
    "ureq",
    "webpki",
];

/// What the core depends on, and nothing else without a thought.
const CORE: [&str; 10] =
    ["base64", "chrono", "flate2", "futures-util", "hmac", "serde", "serde_json", "sha1", "sha2", "subtle"];

/// What the whole project stands on. Whatever is beyond it has its reason beside it in Cargo.toml.
const FOUNDATIONS: [&str; 7] =
    ["aws-sdk-dynamodb", "chrono", "lambda_runtime", "reqwest", "serde", "serde_json", "tokio"];

/// The names of the crates that a package is built with, tests aside; `arguments` go to `cargo tree`.
fn tree(package: &str, arguments: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let fixed = ["tree", "--locked", "--offline", "--prefix", "none", "--edges", "normal", "--package", package];
    let printed = run(&cargo, &[&fixed[..], arguments].concat());
    let names = printed.lines().filter_map(|line| line.split(' ').next()).filter(|name| *name != package);
    names.map(str::to_owned).collect()
}

fn impure(names: &BTreeSet<String>) -> Vec<String> {
    let is_impure = |name: &&String| {
        IMPURE.iter().any(|impure| {
            let family = name.strip_prefix(impure).is_some_and(|rest| rest.starts_with(['-', '_']));
            name == impure || family || (impure.ends_with(['-', '_']) && name.starts_with(impure))
        })
    };
    names.iter().filter(is_impure).cloned().collect()
}

#[test]
fn the_core_has_no_runtime_no_network_no_aws_and_no_clock() {
    check(&impure(&tree("bundler", &[])), "the core performs no I/O");
    let features = run("cargo", &["tree", "--locked", "--offline", "-p", "bundler", "-e", "features", "-i", "chrono"]);
    for clock in ["feature \"clock\"", "feature \"now\"", "feature \"default\"\n├", "feature \"wasmbind\""] {
        assert!(!features.contains(clock), "chrono has a clock: {features}");
    }
    // The same look finds what it is looking for where it is.
    let adapters = impure(&tree("aws", &["--features", "table"]));
    assert!(adapters.iter().any(|name| name == "aws-sdk-dynamodb") && adapters.iter().any(|name| name == "tokio"));
}

#[test]
fn the_core_depends_on_what_is_listed_here_and_on_no_package_of_ours() {
    assert_eq!(tree("bundler", &["--depth", "1"]), CORE.map(str::to_owned).into());
}

#[test]
fn what_writes_mails_has_templates_and_words_for_statuses_and_sends_nothing() {
    // `http` is types alone: the names of statuses are taken from it.
    assert_eq!(tree("mail", &["--depth", "1"]), ["askama", "bundler", "http"].map(str::to_owned).into());
}

#[test]
fn what_writes_the_settings_page_has_templates_alone() {
    assert_eq!(tree("page", &["--depth", "1"]), ["askama", "bundler"].map(str::to_owned).into());
}

#[test]
fn arrows_point_from_functions_to_adapters_to_the_core() {
    let ours = |package: &str| -> BTreeSet<String> {
        let all = [
            "aggregator",
            "aws",
            "bundler",
            "ingest",
            "mail",
            "outbound",
            "page",
            "portal",
            "sender",
            "settings",
            "local",
            "operator",
            "footprint",
            "hello",
            "guard",
            "hostile",
            "meter",
            "scale",
            "recipe_receiver",
        ];
        tree(package, &[]).into_iter().filter(|name| all.contains(&name.as_str())).collect()
    };
    let expected = [
        ("aws", vec!["bundler"]),
        ("mail", vec!["bundler"]),
        ("outbound", vec!["bundler"]),
        ("page", vec!["bundler"]),
        ("portal", vec!["bundler", "page"]),
        ("ingest", vec!["aws", "bundler"]),
        ("aggregator", vec!["aws", "bundler"]),
        ("sender", vec!["aws", "bundler", "mail", "outbound"]),
        ("settings", vec!["aws", "bundler", "outbound", "page", "portal"]),
        ("local", vec!["bundler", "mail", "outbound", "page", "portal"]),
        ("guard", vec!["bundler"]),
        ("hostile", vec!["bundler", "outbound"]),
        ("meter", vec!["bundler", "mail"]),
        ("footprint", vec!["bundler"]),
        ("scale", vec!["bundler"]),
        // What a customer starts from stands without us.
        ("recipe_receiver", vec![]),
    ];
    for (package, below) in expected {
        assert_eq!(ours(package), below.into_iter().map(str::to_owned).collect(), "{package}");
    }
}

#[test]
fn the_one_machine_runner_compiles_no_aws_sdk() {
    let sdk = tree("local", &[]).into_iter().filter(|name| name.starts_with("aws") || name.starts_with("lambda"));
    check(&sdk.collect::<Vec<_>>(), "`cargo local` builds without AWS");
}

#[test]
fn only_the_tool_that_plays_receivers_has_a_client_that_trusts_its_callers_authority() {
    let features = |package: &str| {
        run("cargo", &["tree", "--locked", "--offline", "-p", package, "-e", "normal,features", "-i", "outbound"])
    };
    for package in ["sender", "settings", "local", "operator"] {
        assert!(!features(package).contains("own_roots"), "{package}");
    }
    assert!(features("hostile").contains("own_roots"), "the same look finds it where it is");
}

/// The lines of a manifest's tables that list dependencies.
fn dependency_lines(manifest: &str) -> Vec<String> {
    let mut within = false;
    let mut lines = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            within = line.trim_matches(['[', ']']).ends_with("dependencies");
        } else if within && !line.is_empty() && !line.starts_with('#') {
            lines.push(line.to_owned());
        }
    }
    lines
}

#[test]
fn a_dependency_beyond_the_foundations_has_its_reason_beside_it() {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for path in files_ending("Cargo.toml") {
        for line in dependency_lines(&read(&path)) {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned();
            let common = line.contains("workspace = true") || line.contains("path = ");
            if !common && !FOUNDATIONS.contains(&name.as_str()) && !line.contains(" # ") {
                faults.push(format!("{path}: {line}"));
            }
            seen.insert(name);
        }
    }
    check(&faults, "each dependency beyond the foundations has a reason");
    assert!(FOUNDATIONS.iter().all(|name| seen.contains(*name)), "the list of foundations is out of date");
}
