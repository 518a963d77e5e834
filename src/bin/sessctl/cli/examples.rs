//! What stands below the help of each command: lines to try.

pub(super) const TOUR: &str = "\
Examples:
  sessctl tour                                   Enter goes on, q ends
  sessctl tour --lang ko                         in Korean
  sessctl tour --auto > tour.txt                 all of it at once";

pub(super) const SERVE: &str = "\
Examples:
  sessctl serve                                  a server to learn with, on http://127.0.0.1:8000
  sessctl serve -v --bind 127.0.0.1:0            on a free port; a line for each request
  sessctl serve --inspect                        also a page that shows live what passes, for a lesson
  sessctl serve --store sqlite:sessions.db       sessions that outlive the server
  sessctl serve --idle-timeout 5m --lifetime 1h  sessions that end sooner
  sessctl serve --tls-cert cert.pem --tls-key key.pem --users accounts.json --bind 0.0.0.0:443";

pub(super) const USERS: &str = "\
Examples:
  sessctl users add accounts.json alice          asks for the password
  echo \"$PASSWORD\" | sessctl users add accounts.json ci --password-stdin
  sessctl users disable accounts.json alice
  sessctl serve --users accounts.json";

pub(super) const SESSIONS: &str = "\
Examples:
  sessctl sessions list --store sqlite:sessions.db
  sessctl sessions list --user alice --json --store sqlite:sessions.db
  sessctl sessions revoke --user alice --store sqlite:sessions.db";

pub(super) const CLOCK: &str = "\
Examples:
  sessctl clock advance 31m                      an idle session of `serve --time-travel` has ended then
  sessctl clock advance 12h --url http://127.0.0.1:8001";

pub(super) const LOGIN: &str = "\
Examples:
  sessctl login --user alice                            to the server of `sessctl serve`
  sessctl login https://app.test/ --user alice          asks for the password
  echo \"$PASSWORD\" | sessctl login app.test --user ci --password-stdin --wait 30s
  sessctl login app.test --user alice -v                shows every request and decision
  sessctl login app.test --user alice --explain         what was seen, and why it was chosen
  sessctl login https://app.test/api/login --as-json --user alice --user-field email";

pub(super) const VISIT: &str = "\
Examples:
  sessctl visit /reports --expect-status 200 --expect-text 'Monthly report'
  sessctl visit -X POST /counter
  sessctl visit /search -d q=cookies -d page=2          a form, by POST
  sessctl visit /api/items --body-json '{\"name\":\"x\"}'
  sessctl visit -v / -o /dev/null                       what was sent, and why";

pub(super) const SUBMIT: &str = "\
Examples:
  sessctl submit /profile --list                 the forms of the page, and their fields
  sessctl submit /profile city=Busan newsletter=on
  sessctl submit /upload title=Notes file=@notes.pdf --expect-text Thanks
  sessctl submit /cart --form checkout --button 'Pay later'";

pub(super) const LOGOUT: &str = "\
Examples:
  sessctl logout                                 from where the last login ended
  sessctl logout https://app.test/account        from this page";

pub(super) const WHY: &str = "\
Examples:
  sessctl why https://app.test/admin             of each cookie: would it go there?
  sessctl why app.test --from https://other.test --method POST
  sessctl why https://app.test/ --set-cookie 'id=1; SameSite=None'
  sessctl why https://app.test/ --lang ko";

pub(super) const SHOW_COOKIES: &str = "\
Examples:
  sessctl show-cookies
  sessctl show-cookies --decode                  what is in them
  sessctl show-cookies --name sessionid --value  for a script
  sessctl show-cookies --netscape > cookies.txt  for curl -b";

pub(super) const IMPORT_COOKIES: &str = "\
Examples:
  sessctl import-cookies cookies.txt             from curl, wget or a browser's extension
  sessctl import-cookies ~/.config/httpie/sessions/app.test/me.json --url http://app.test
  sessctl import-cookies network.har             from a browser's network panel";

pub(super) const CLEAR_COOKIES: &str = "\
Examples:
  sessctl clear-cookies --session                what closing a browser does
  sessctl clear-cookies --name theme --domain app.test
  sessctl clear-cookies --all";

pub(super) const HISTORY: &str = "\
Examples:
  sessctl history                                what each step sent and changed
  sessctl history 12 -v                          this one, with all headers
  sessctl history --last 3 --diagram             who said what to whom
  sessctl history --har > network.har            for a browser's network panel
  sessctl history --last 3 --svg flow.svg";

pub(super) const PROFILES: &str = "\
Examples:
  sessctl profiles
  sessctl profiles copy alice alice-on-phone     two clients of one user
  sessctl profiles remove alice                  from here; the server is told nothing";

pub(super) const COMPLETIONS: &str = "\
Examples:
  sessctl completions bash > ~/.local/share/bash-completion/completions/sessctl
  sessctl completions zsh > ~/.zfunc/_sessctl
  sessctl completions fish > ~/.config/fish/completions/sessctl.fish";

pub(super) const MAN: &str = "\
Examples:
  sessctl man | man -l -
  sessctl man visit > sessctl-visit.1";
