//! x
/// x
pub fn run(_: &std::path::Path, _: &std::path::Path) -> anyhow::Result<()> {
    Ok(())
}
