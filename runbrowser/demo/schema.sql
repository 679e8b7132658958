-- The catalogue of the embedded OpenML server: one SQLite file, filled once by
-- scripts/build_catalogue.py and shipped compressed. Names are the field's;
-- where V1 calls a thing otherwise (implementation, math_function), the
-- comment says so. NULL and '' differ on the wire (an absent element against
-- an empty one), so a column may hold either.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);  -- format, built, versions

CREATE TABLE user (
  id INTEGER PRIMARY KEY,
  first_name TEXT NOT NULL,             -- the API's user name is "first last", stripped
  last_name TEXT NOT NULL,
  api_key TEXT UNIQUE,                  -- 32 hex digits; NULL: an account nobody can act as
  role TEXT NOT NULL DEFAULT 'user'     -- 'user' | 'admin' | 'read-only'
);

CREATE TABLE dataset (
  id INTEGER PRIMARY KEY,               -- did
  name TEXT NOT NULL, version INTEGER NOT NULL, format TEXT NOT NULL DEFAULT 'ARFF',
  status TEXT NOT NULL DEFAULT 'active', description TEXT NOT NULL DEFAULT '',
  uploader INTEGER REFERENCES user(id), upload_date TEXT NOT NULL,
  url TEXT NOT NULL, default_target TEXT,
  number_of_instances INTEGER NOT NULL, number_of_features INTEGER NOT NULL,
  number_of_classes INTEGER             -- NULL for a numeric target
);

CREATE TABLE task_type (id INTEGER PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL);

CREATE TABLE estimation_procedure (
  id INTEGER PRIMARY KEY, task_type_id INTEGER NOT NULL REFERENCES task_type(id),
  name TEXT NOT NULL, type TEXT NOT NULL,          -- type: 'crossvalidation' | 'holdout' ...
  repeats INTEGER, folds INTEGER, stratified INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE task (
  id INTEGER PRIMARY KEY, task_type_id INTEGER NOT NULL REFERENCES task_type(id),
  dataset_id INTEGER NOT NULL REFERENCES dataset(id), target TEXT,
  estimation_procedure_id INTEGER REFERENCES estimation_procedure(id),
  evaluation_measure TEXT,              -- NULL: the task names none
  embargo_end_date TEXT                 -- 'YYYY-MM-DD HH:MM:SS'; in the future: runs hidden
);

CREATE TABLE task_split (               -- the rows of a task's predictions, in file order
  task_id INTEGER PRIMARY KEY REFERENCES task(id),
  labels TEXT,                          -- JSON array of the classes in order; NULL: a regression
  number_of_rows INTEGER NOT NULL,      -- data set rows times repeats (holdout: the test rows)
  content BLOB NOT NULL                 -- repeat, fold, row id, truth: see demo/files.py
);

CREATE TABLE flow (                     -- V1: implementation
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, version INTEGER NOT NULL,
  full_name TEXT NOT NULL,              -- 'name(version)'
  custom_name TEXT, class_name TEXT, external_version TEXT NOT NULL,
  uploader INTEGER REFERENCES user(id), upload_date TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '', language TEXT, dependencies TEXT
);
CREATE TABLE flow_component (
  parent INTEGER NOT NULL REFERENCES flow(id), child INTEGER NOT NULL REFERENCES flow(id),
  identifier TEXT NOT NULL, PRIMARY KEY (parent, identifier)
);
CREATE TABLE flow_tag (                 -- in catalogues from before this table it is made empty
  flow_id INTEGER NOT NULL REFERENCES flow(id), tag TEXT NOT NULL COLLATE NOCASE,
  uploader INTEGER NOT NULL REFERENCES user(id), PRIMARY KEY (flow_id, tag)
) WITHOUT ROWID;
CREATE TABLE flow_parameter (           -- V1: input
  id INTEGER PRIMARY KEY, flow_id INTEGER NOT NULL REFERENCES flow(id), name TEXT NOT NULL,
  data_type TEXT, default_value TEXT, description TEXT, UNIQUE (flow_id, name)
);
CREATE TABLE setup (                    -- V1: algorithm_setup
  id INTEGER PRIMARY KEY, flow_id INTEGER NOT NULL REFERENCES flow(id), setup_string TEXT
);
CREATE TABLE setup_parameter (          -- V1: input_setting; values as JSON text
  setup_id INTEGER NOT NULL REFERENCES setup(id),
  parameter_id INTEGER NOT NULL REFERENCES flow_parameter(id), value TEXT NOT NULL,
  PRIMARY KEY (setup_id, parameter_id)
) WITHOUT ROWID;

CREATE TABLE run (
  id INTEGER PRIMARY KEY, uploader INTEGER REFERENCES user(id),
  setup_id INTEGER NOT NULL REFERENCES setup(id), task_id INTEGER NOT NULL REFERENCES task(id),
  upload_time TEXT,                     -- 'YYYY-MM-DD HH:MM:SS', the server's local time
  error_message TEXT,                   -- what the uploader reported
  run_details TEXT, setup_string TEXT
);
CREATE INDEX run_task ON run(task_id);
CREATE INDEX run_setup ON run(setup_id);
CREATE INDEX run_uploader ON run(uploader);

CREATE TABLE run_evaluated (            -- no row: not evaluated yet
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  engine_id INTEGER NOT NULL DEFAULT 1,
  error TEXT,                           -- NULL or '': fine; text: the evaluation failed
  warning TEXT, processing_date TEXT, PRIMARY KEY (run_id, engine_id)
) WITHOUT ROWID;

CREATE TABLE measure (                  -- V1: math_function
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL DEFAULT ''
);
CREATE TABLE evaluation (               -- global values: pooled over all folds and repeats
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  measure_id INTEGER NOT NULL REFERENCES measure(id),
  value REAL, array_data TEXT,          -- array_data: '[0.98,0.91,0.93]', classes in the data set's order
  PRIMARY KEY (run_id, measure_id)
) WITHOUT ROWID;
CREATE TABLE evaluation_fold (
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  measure_id INTEGER NOT NULL REFERENCES measure(id),
  repeat INTEGER NOT NULL, fold INTEGER NOT NULL, value REAL, array_data TEXT,
  PRIMARY KEY (run_id, measure_id, repeat, fold)
) WITHOUT ROWID;

CREATE TABLE run_tag (
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  tag TEXT NOT NULL COLLATE NOCASE, uploader INTEGER NOT NULL REFERENCES user(id),
  date TEXT, PRIMARY KEY (run_id, tag)
) WITHOUT ROWID;
CREATE INDEX run_tag_tag ON run_tag(tag);

CREATE TABLE study (
  id INTEGER PRIMARY KEY, alias TEXT UNIQUE, name TEXT NOT NULL, description TEXT NOT NULL DEFAULT '',
  main_entity_type TEXT NOT NULL,       -- 'run' | 'task'
  status TEXT NOT NULL DEFAULT 'active', visibility TEXT NOT NULL DEFAULT 'public',
  creator INTEGER REFERENCES user(id), creation_date TEXT NOT NULL,
  legacy INTEGER NOT NULL DEFAULT 0     -- a legacy study is a tag, not a list: refused with 517
);
CREATE TABLE study_run (
  study_id INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE, PRIMARY KEY (study_id, run_id)
) WITHOUT ROWID;
CREATE TABLE study_task (
  study_id INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
  task_id INTEGER NOT NULL REFERENCES task(id), PRIMARY KEY (study_id, task_id)
) WITHOUT ROWID;

CREATE TABLE trace (
  run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
  repeat INTEGER NOT NULL, fold INTEGER NOT NULL, iteration INTEGER NOT NULL,
  setup_string TEXT NOT NULL,           -- JSON object {"parameter_x": "json text"}
  evaluation TEXT NOT NULL,             -- as stored: "0.9142857142857143"
  selected TEXT NOT NULL,               -- 'true' | 'false'
  PRIMARY KEY (run_id, repeat, fold, iteration)
) WITHOUT ROWID;

CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  run_id INTEGER REFERENCES run(id) ON DELETE SET NULL,  -- files outlive their run, as on V1
  name TEXT NOT NULL,                   -- 'description' | 'predictions' | 'trace'
  filename TEXT NOT NULL,               -- 'description.xml' | 'predictions.arff' | 'trace.arff'
  encoding TEXT NOT NULL,               -- how content is kept: see demo/files.py
  content BLOB NOT NULL
);
CREATE INDEX file_run ON file(run_id);
