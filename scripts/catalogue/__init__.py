"""What build_catalogue.py is made of: tasks, flows, plans, failures, execution, people, storage."""
