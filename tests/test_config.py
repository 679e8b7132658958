"""Settings: every form of every file, the order of sources, and whose key goes where."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser import config, paths
from runbrowser.errors import UsageError
from runbrowser.openml_config import parse_openml_config

KEY = "0123456789abcdef0123456789abcdef"
OTHER_KEY = "fedcba9876543210fedcba9876543210"
PRODUCTION = "https://www.openml.org/api/v1/xml/"
LOCAL = "http://localhost:8000/api/v1/xml/"


class Home:
    """A home folder with the two files, and the environment that points to it."""

    def __init__(self, folder: Path) -> None:
        self.environ = {
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "xdg"),
            "RUNBROWSER_CONFIG_DIR": str(folder / "own"),
            "RUNBROWSER_CACHE_DIR": str(folder / "cache"),
        }
        self.openml = paths.openml_config_file(self.environ)
        self.own = paths.config_file(self.environ)

    def theirs(self, content: str | bytes) -> Home:
        """With openml-python's file."""
        return self._write(self.openml, content)

    def ours(self, content: str | bytes) -> Home:
        """With runbrowser's file."""
        return self._write(self.own, content)

    def _write(self, path: Path, content: str | bytes) -> Home:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def load(self, command_line: dict[str, object] | None = None, **env: str) -> config.Settings:
        """The settings in force."""
        return config.load(command_line, self.environ | env)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def revealed(settings: config.Settings) -> str | None:
    return settings.api_key.reveal() if settings.api_key else None


def test_without_anything_the_defaults_hold(home: Home) -> None:
    settings = home.load()
    assert settings.server == PRODUCTION
    assert settings.api_key is None
    assert (settings.api_version, settings.fallback, settings.page_size) == ("v1", True, 100)
    assert settings.origin("server") == "default"
    assert settings.warnings == settings.notes == ()


DUMPED = (
    "servers = {<APIVersion.V1: 'v1'>: {'server': '" + PRODUCTION + "', 'apikey': '" + KEY + "'}, "
    "<APIVersion.V2: 'v2'>: {'server': None, 'apikey': None}}\n"
    "api_version = APIVersion.V1\nfallback_api_version = None\n"
    "cachedir = /data/openml\navoid_duplicate_runs = False\nretry_policy = human\n"
    "connection_n_retries = 5\nshow_progress = False\n"
)


@pytest.mark.parametrize(
    "content",
    [
        f"apikey={KEY}\nserver={PRODUCTION}\n",
        f"apikey = {KEY}",
        f"\n\n  apikey   =   {KEY}   \n\n",
        f"apikey: {KEY}\n",
        f"apikey = '{KEY}'\n",
        f'apikey = "{KEY}"  # mine\n',
        f"apikey = {KEY}  # mine\n",
        f"[FAKE_SECTION]\napikey = {KEY}\n",
        f"[openml]\napikey = {KEY}\n[other]\nfoo = bar\n",
        f"\ufeffapikey = {KEY}\n",
        f"apikey = {KEY}\r\nserver = {PRODUCTION}\r\n",
        f"# a comment\n; another\napikey = {KEY}\n",
        f"APIKEY = {KEY}\n",
        f"apikey = {OTHER_KEY}\napikey = {KEY}\n",
        f"apikey = {KEY}\nthis line says nothing\n= nor this\n",
        f"apikey = {KEY}\nservers = {{<APIVersion\n",
        f"apikey = {KEY}\nserver =\ncachedir =\n",
        DUMPED,
        f"apikey = {KEY}\n" + DUMPED.replace(f"'{KEY}'", "None"),
        f"apikey = {KEY}\ncachedir = /caf".encode() + b"\xe9\nserver = " + PRODUCTION.encode(),
    ],
)
def test_the_key_is_found_in_every_form_of_openmls_file(home: Home, content: str | bytes) -> None:
    settings = home.theirs(content).load()
    assert revealed(settings) == KEY
    assert settings.server == PRODUCTION
    assert settings.api_version == "v1"
    assert settings.warnings == ()
    assert settings.origin("api_key") == str(home.openml)


@pytest.mark.parametrize("content", ["", "\n", "[x]\n", "\x00\x01", "servers = {", "apikey = None"])
def test_a_file_that_says_nothing_changes_nothing(home: Home, content: str) -> None:
    settings = home.theirs(content).load()
    assert settings.server == PRODUCTION
    assert settings.api_key is None


@given(content=st.binary(max_size=300))
def test_no_bytes_in_openmls_file_stop_us(content: bytes) -> None:
    told = parse_openml_config(content.decode("utf-8", "surrogateescape"))
    assert all(value for value in told.values())


def test_settings_of_openmls_file_are_taken_over(home: Home) -> None:
    settings = home.theirs(
        DUMPED.replace("human", "robot").replace("APIVersion.V1\n", "v2\n")
    ).load()
    assert (settings.retry_policy, settings.retries, settings.api_version) == ("robot", 5, "v2")


def test_the_v2_server_of_openmls_dump_is_taken_over(home: Home) -> None:
    dumped = DUMPED.replace("'server': None", "'server': 'http://localhost:8082/'")
    assert home.theirs(dumped).load().server_v2 == "http://localhost:8082/"


def test_our_cache_stands_apart_in_openmls_folder(home: Home) -> None:
    home.environ.pop("RUNBROWSER_CACHE_DIR")
    assert home.theirs("cachedir = /data/openml\n").load().cache_dir == Path(
        "/data/openml/runbrowser"
    )
    assert home.load(OPENML_CACHE_DIR="/scratch").cache_dir == Path("/scratch/runbrowser")
    assert home.load(RUNBROWSER_CACHE_DIR="/mine", OPENML_CACHE_DIR="/scratch").cache_dir == Path(
        "/mine"
    )


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("server = nonsense\n", "server"),
        ("retry_policy = sometimes\n", "retry_policy"),
        ("connection_n_retries = many\n", "retries"),
        ("api_version = v7\n", "api_version"),
        ("server = http://user:secret@host/\n", "server"),
    ],
)
def test_a_bad_value_in_openmls_file_is_a_warning(home: Home, content: str, name: str) -> None:
    settings = home.theirs(content).load()
    (warning,) = settings.warnings
    assert name in warning
    assert str(home.openml) in warning
    assert settings.origin(name) == "default"


def test_a_folder_in_place_of_openmls_file_is_a_warning(home: Home) -> None:
    home.openml.mkdir(parents=True)
    (warning,) = home.load().warnings
    assert str(home.openml) in warning


def test_openmls_file_is_never_written(home: Home) -> None:
    home.theirs(DUMPED)
    home.openml.chmod(0o400)
    before = home.openml.stat().st_mtime_ns
    home.load()
    assert home.openml.stat().st_mtime_ns == before
    assert home.openml.read_text() == DUMPED


def test_sources_count_in_their_order(home: Home) -> None:
    home.ours('retry_policy = "robot"\npage_size = 10\ntimeout = 1\n')
    assert home.load().retry_policy == "robot"
    home.theirs("retry_policy = human\n")
    settings = home.load()
    assert (settings.retry_policy, settings.origin("retry_policy")) == ("human", str(home.openml))
    settings = home.load(RUNBROWSER_RETRY_POLICY="robot", RUNBROWSER_PAGE_SIZE="20")
    assert settings.origin("retry_policy") == "RUNBROWSER_RETRY_POLICY"
    assert (settings.page_size, settings.timeout) == (20, 1.0)
    settings = home.load({"page_size": 30}, RUNBROWSER_PAGE_SIZE="20")
    assert (settings.page_size, settings.origin("page_size")) == (30, "command line")


def test_every_setting_can_come_from_each_place(home: Home) -> None:
    values = {
        "server": "http://127.0.0.1:1/api/v1/xml/", "server_v2": "http://127.0.0.1:2/",
        "api_key": KEY, "api_version": "v2", "fallback": "false", "read_only": "true",
        "page_size": "7", "user_id": "16", "timeout": "2.5", "retry_policy": "robot",
        "retries": "3", "cache_dir": "/c", "keyring": "true", "theme": "nord",
        "watch_seconds": "60", "minio_server": "http://127.0.0.1:3", "minio_access_key": "me",
        "minio_secret_key": KEY[::-1],
    }  # fmt: skip
    assert set(values) == set(config.NAMES)
    environ = {f"RUNBROWSER_{name.upper()}": value for name, value in values.items()}
    from_environment = config.load({}, environ | {"HOME": home.environ["HOME"]})
    home.ours("".join(f'{name} = "{value}"\n' for name, value in values.items()))
    home.environ.pop("RUNBROWSER_CACHE_DIR")
    from_file = home.load()
    for name in config.NAMES:
        one, other = getattr(from_environment, name), getattr(from_file, name)
        if name in config.SECRETS:
            one, other = one.reveal(), other.reveal()
        assert one == other != getattr(config.Settings(), name), name
        assert from_file.origin(name) == str(home.own)


def test_native_toml_values_are_taken(home: Home) -> None:
    settings = home.ours("read_only = true\npage_size = 5\ntimeout = 2\n").load()
    assert (settings.read_only, settings.page_size, settings.timeout) == (True, 5, 2.0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("page_size = \n", "line 1"),
        ("a = 1\nb = [1,\n", "not valid TOML"),
        (b"a = 1\nb = '\xff'\n", "line 2"),
        ("page_size = 0\n", "page_size"),
        ("page_size = 10001\n", "page_size"),
        ("page_size = 'ten'\n", "page_size"),
        ("timeout = 0\n", "timeout"),
        ("fallback = 'perhaps'\n", "fallback"),
        ("api_version = 'v3'\n", "api_version"),
        ("server = 'openml'\n", "server"),
        ("server = 'http://127.0.0.1:99999/x'\n", "no server URL"),
        ("server = 'http://[::1/x'\n", "no server URL"),
        ("server = 'https://a:b@host/'\n", "password"),
        ("server = 'https://host/?api_key=x'\n", "query"),
        ("api_key = ''\n", "api_key"),
        ("cache_dir = 5\n", "cache_dir"),
        ("page_size = [1]\n", "page_size"),
    ],
)
def test_what_is_wrong_in_our_file_is_said_with_its_place(
    home: Home, content: str | bytes, said: str
) -> None:
    home.environ.pop("RUNBROWSER_CACHE_DIR")
    with pytest.raises(UsageError) as caught:
        home.ours(content).load()
    assert str(home.own) in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_slip_in_our_file_is_a_warning_and_tables_are_left_to_others(home: Home) -> None:
    settings = home.ours('pagesize = 5\n[views]\nmine = "uploader:me"\n').load()
    (warning,) = settings.warnings
    assert "'pagesize'" in warning


def test_a_bad_value_of_an_option_names_the_option() -> None:
    with pytest.raises(UsageError, match="--page-size: '0'"):
        config.load({"page_size": 0}, {})
    with pytest.raises(UsageError, match="--server-v2"):
        config.load({"server_v2": "x"}, {})


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("production", PRODUCTION),
        ("test", "https://test.openml.org/api/v1/xml/"),
        ("local", LOCAL),
        ("https://www.openml.org", PRODUCTION),
        ("https://www.openml.org/", PRODUCTION),
        ("https://www.openml.org/api/v1", PRODUCTION),
        ("https://www.openml.org/api/v1/xml", PRODUCTION),
        ("https://www.openml.org/api/v1/json/", PRODUCTION),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x/"),
    ],
)
def test_servers_are_taken_as_people_write_them(home: Home, said: str, meant: str) -> None:
    settings = home.load({"server": said})
    assert settings.server == meant
    completed = meant.rstrip("/") != said.rstrip("/") and said.startswith("https")
    assert bool(settings.warnings) == completed, "a completed URL is said to be one"


# Whose key goes where


def test_a_key_from_the_environment_goes_where_the_user_points(home: Home) -> None:
    settings = home.load({"server": "http://127.0.0.1:1/"}, OPENML_APIKEY=KEY)
    assert revealed(settings) == KEY
    assert settings.origin("api_key") == "OPENML_APIKEY"


@pytest.mark.parametrize(
    ("file_server", "used", "sent"),
    [
        (None, PRODUCTION, True),
        (None, "https://openml.org/api/v1/xml/", True),
        (None, "https://www.openml.org:443/api/v1/xml/", True),
        (None, "http://www.openml.org/api/v1/xml/", False),
        (None, "https://test.openml.org/api/v1/xml/", False),
        (None, "https://www.openml.org.evil.example/api/v1/xml/", False),
        (None, "https://evil.example/www.openml.org/", False),
        (None, "http://127.0.0.1:8000/", False),
        (LOCAL, LOCAL, True),
        (LOCAL, "http://localhost:8001/api/v1/xml/", False),
        (LOCAL, PRODUCTION, False),
    ],
)
@pytest.mark.parametrize("file", ["theirs", "ours"])
def test_a_stored_key_stays_with_its_server(
    home: Home, file: str, file_server: str | None, used: str, sent: bool
) -> None:
    if file == "theirs":
        home.theirs(f"apikey = {KEY}\n" + (f"server = {file_server}\n" if file_server else ""))
    else:
        home.ours(f'api_key = "{KEY}"\n' + (f'server = "{file_server}"\n' if file_server else ""))
    settings = home.load({"server": used})
    assert revealed(settings) == (KEY if sent else None)
    assert any("not sent" in note for note in settings.notes) != sent
    assert KEY not in repr(settings)


def test_the_file_whose_server_is_used_gives_the_key(home: Home) -> None:
    home.theirs(f"apikey = {KEY}\n")
    home.ours(f'api_key = "{OTHER_KEY}"\nserver = "{LOCAL}"\n')
    settings = home.load()
    assert settings.server == LOCAL
    assert revealed(settings) == OTHER_KEY
    assert revealed(home.load({"server": "production"})) == KEY


def test_a_key_that_cannot_be_one_is_a_warning_except_where_such_keys_exist(home: Home) -> None:
    assert home.load(OPENML_APIKEY="normaluser").warnings
    assert not home.load({"server": "test"}, OPENML_APIKEY="normaluser").warnings
    assert not home.load(OPENML_APIKEY=KEY.upper()).warnings


def test_a_key_that_travels_unencrypted_is_noted(home: Home) -> None:
    assert home.load({"server": "http://openml.example/"}, OPENML_APIKEY=KEY).notes
    assert not home.load({"server": LOCAL}, OPENML_APIKEY=KEY).notes


@pytest.mark.parametrize("key", [KEY, "normaluser", "short", "a" * 15])
def test_a_masked_key_shows_four_characters_at_most(key: str) -> None:
    from runbrowser.secret import ApiKey

    shown = config.masked(ApiKey(key))
    assert shown in ("****", f"****{key[-4:]}")
    assert shown == "****" or len(key) >= 16
    assert config.masked(None) == "none"


# Paths


def test_folders_follow_their_variables(tmp_path: Path) -> None:
    environ = {f"RUNBROWSER_{k}_DIR": str(tmp_path / k) for k in ("CONFIG", "CACHE", "STATE")}
    assert paths.config_file(environ) == tmp_path / "CONFIG" / "config.toml"
    assert paths.cache_dir(environ) == tmp_path / "CACHE"
    assert paths.log_file(environ).parent == tmp_path / "STATE"


def test_openmls_file_is_looked_for_where_openml_python_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    home = {"HOME": "/home/ada"}
    assert paths.openml_config_file(home) == Path("/home/ada/.config/openml/config")
    assert paths.openml_config_file({"XDG_CONFIG_HOME": "/x"}) == Path("/x/openml/config")
    assert paths.openml_cache_dir(home) == Path("/home/ada/.cache/openml")
    assert paths.openml_cache_dir({"XDG_CACHE_HOME": "/x"}) == Path("/x/openml")
    assert paths.openml_cache_dir({"OPENML_CACHE_DIR": "/y"}) == Path("/y")
    monkeypatch.setattr("sys.platform", "darwin")
    assert paths.openml_config_file(home) == Path("/home/ada/.openml/config")
    assert paths.openml_cache_dir(home) == Path("/home/ada/.openml")


def test_a_private_file_is_written_whole_with_its_folders(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "file"
    paths.write_private(target, b"one")
    paths.write_private(target, b"two")
    assert target.read_bytes() == b"two"
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.parent.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in target.parent.iterdir()] == ["file"]


def test_a_block_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), paths.whole_file(target) as stream:
        stream.write(b"half")
        _ = 1 / 0
    assert target.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    paths.write_private(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_the_style_sheets_folder_is_the_checkouts_or_the_packages() -> None:
    folder = paths.styles_dir()
    assert folder.name == "styles"
    assert folder.parent in (Path(paths.__file__).parent, Path(paths.__file__).parents[1])


def test_the_key_store_is_asked_only_when_told_to_and_only_for_the_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import keyring
    from keyring.backend import KeyringBackend

    asked: list[tuple[str, str]] = []

    class Memory(KeyringBackend):
        """A key store in memory."""

        priority = 1  # type: ignore[assignment]

        def get_password(self, service: str, username: str) -> str | None:
            asked.append((service, username))
            return {"www.openml.org": "ab" * 16}.get(username)

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

        def delete_password(self, service: str, username: str) -> None:
            raise NotImplementedError

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    try:
        assert config.load({}, environ).api_key is None
        assert asked == []
        found = config.load({}, {**environ, "RUNBROWSER_KEYRING": "yes"})
        assert found.api_key is not None
        assert found.api_key.reveal() == "ab" * 16
        assert found.origin("api_key") == "key store"
        other = config.load({"server": "http://127.0.0.1:1/api/v1/xml/"},
                     {**environ, "RUNBROWSER_KEYRING": "yes"})  # fmt: skip
        assert other.api_key is None
        assert any("holds no key for 127.0.0.1" in note for note in other.notes)
        named = config.load(
            {}, {**environ, "RUNBROWSER_KEYRING": "yes", "OPENML_APIKEY": "cd" * 16}
        )
        assert named.api_key is not None
        assert named.api_key.reveal() == "cd" * 16
    finally:
        keyring.set_keyring(before)
    assert asked == [("runbrowser", "www.openml.org"), ("runbrowser", "127.0.0.1:1")]
