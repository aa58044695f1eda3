"""What a person does to the store of a hub.

decide          merge, split, never, pin, kill, forget
explain         why copies are one story, and what nearly was
verify          whether store and index are consistent
rebuild         all stored copies matched anew
statistics      what the hub did day by day
activity        the same hour by hour or day by day, as rows to draw
source_account  what the store knows of a source
source_actions  pause, resume, poll now, forget furniture
trust_preview   what another trust of a source would change, rolled back
pair_labelling  labels of pairs: given, exported, imported
pair_queue      which pairs to label next
import_stories  stories that were found elsewhere, brought in
"""
