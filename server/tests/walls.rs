//! The relay cannot read: it depends on nothing that has a type for a key of members, for content or for plaintext.

use std::process::Command;

const FORBIDDEN: [&str; 6] =
    ["samverka-seal", "samverka-plan", "samverka-replica", "automerge", "chacha20poly1305", "hpke"];

#[test]
fn room_and_server_depend_on_nothing_that_could_read() {
    for package in ["samverka-relay", "samverka-room"] {
        let tree = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--offline",
                "--edges=normal",
                "--prefix=none",
                "--format={p}",
                "--package",
                package,
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let tree = String::from_utf8(tree.stdout).unwrap();
        assert!(tree.contains("samverka-log "), "{tree}");
        for name in tree.lines().filter_map(|line| line.split(' ').next()) {
            assert!(!FORBIDDEN.contains(&name), "{package} depends on {name}");
        }
    }
}
