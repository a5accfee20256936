use crate::support::{Ends, Said, Sandbox};

#[test]
fn every_shell_gets_a_script_with_all_commands() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        sandbox.done(&format!("completions {shell}")).prints(&[
            "prepare-inference",
            "convert-sequence",
            "validate",
            "probe",
            "standardize",
            "allow-partial",
        ]);
    }
    sandbox
        .refused(2, "completions csh")
        .warns(&["csh", "bash, elvish, fish, powershell, zsh"]);
}

#[test]
fn the_script_for_bash_is_one_that_bash_reads() {
    let sandbox = Sandbox::new();
    let script = sandbox.done("completions bash").out();
    std::fs::write(sandbox.path("script"), script).unwrap();
    sandbox
        .program("bash")
        .args(["-c", "source ./script; COMP_WORDS=(cosmos prep) COMP_CWORD=1; _cosmos cosmos prep cosmos; echo ${COMPREPLY[@]}"])
        .assert_code(0)
        .prints(&["prepare-inference"]);
}
