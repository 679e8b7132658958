"""What openml-python's own tests hold, held by ours: each over a real socket, against the demo.

The table goes by the lines of FIELD 3.10; a proxy between client and demo notes what was asked.

==========================================  =======================================================
openml-python's test                        ours
==========================================  =======================================================
tests of the run APIs
v1_get                                      test_a_run_has_its_ids, test_the_fixture_of_openml_...
v1_list                                     test_a_list_of_five_has_five_rows
v1_publish_mocked                           test_publishing_posts_the_files_with_the_key_in_the_form
v1_publish, oml:id fallback                 test_publishing_falls_back_to_the_id
v1_delete_mocked                            test_deleting_your_own_run
v2_list, v2_publish                         test_what_v2_does_not_have_is_refused_in_upstreams_words
v2_get                                      test_v2_gets_runs_and_traces: theirs is a stub that
                                            raises, ours reads what the real V2 has
tests of runs
get_run(473351)                             test_a_run_has_its_data_set_scores_folds_tags_and_files;
                                            a run of the demo, whose catalogue has the true values
list by id (display_errors)                 test_a_list_by_id_is_one_row_of_eight_fields
empty task list                             test_a_task_without_runs_is_an_empty_frame
by task, uploader, flow, combined           test_lists_by_filter_are_those_of_the_catalogue
pagination never exceeds size               test_no_page_is_larger_than_asked_for
by tag (an expected failure there)          test_lists_by_filter_are_those_of_the_catalogue
cached run makes no request; uncached does  test_a_kept_run_makes_no_request
tagging round trip                          test_a_tag_is_listed_and_gone_when_taken_off
delete not owned, success, unknown          test_deleting_strangers_runs_..., ..._your_own_run,
                                            ..._a_run_that_does_not_exist
setup_string in XML                         test_a_setup_string_travels_there_and_back
offline == online                           the same test: what was uploaded from files is read back
publish with local flow                     test_a_run_of_a_flow_that_is_not_there_is_refused: flows
                                            are no objects here, the server's word (205) counts
to/from filesystem (3 forms)                none: a run here is read, never executed, so there is
                                            no local run object to save; files are downloaded and
                                            published (test_life_of_a_run)
tests of HTTP
cache key = path parts + params             test_a_reply_lies_under_the_parts_of_its_address
save/load round trip                        test_a_kept_run_makes_no_request
get creates meta/headers/body               test_a_reply_lies_under_the_parts_of_its_address
cached response with network blocked        test_a_kept_run_needs_no_network
refresh rewrites meta                       test_refreshing_asks_again_and_rewrites_what_is_kept
key added only if asked                     test_the_key_is_sent_only_where_it_is_asked_for
missing key raises                          test_without_a_key_no_write_leaves
download writes, is reused, checks md5      test_a_download_is_written_checked_and_taken_up_again
download honours handler                    none: there is no handler, the bytes go to the file as
                                            they are; what wants to look at them is told by progress
POST/DELETE argument shape                  test_a_post_is_a_form_and_a_delete_is_an_address
==========================================  =======================================================
"""
