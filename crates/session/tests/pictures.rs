//! Each file in `pictures/` is a story: a line that begins with `>` is something that happens, the lines below it are what
//! the session makes of it. `UPDATE=1 cargo test -p session` writes the files anew; the difference is then for you to judge.

mod story;

use std::fs;
use std::path::Path;

#[test]
fn stories_end_as_they_are_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
    let mut told = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&folder).expect("the stories are beside this file") {
        let path = entry.expect("the folder can be read").path();
        let text = fs::read_to_string(&path).expect("a story can be read");
        let found = story::tell(&text);
        told += 1;
        if found == text {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, found).expect("a story can be written");
        } else {
            let difference = text.lines().zip(found.lines()).position(|(expected, found)| expected != found);
            let line = difference.unwrap_or(text.lines().count().min(found.lines().count())) + 1;
            wrong.push(format!("{}:{line}\n{found}", path.display()));
        }
    }
    assert!(told > 0, "there are no stories in {}", folder.display());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
