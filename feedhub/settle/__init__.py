"""Rows that wait -> stories that subscribers see.

settle_loop           one process among those that settle: waits for the settle lock, judges ahead meanwhile
isolation             a batch that could not be settled: the copies at fault set aside, the others settled
settler               one batch, in one transaction
interruption          stops a batch in its middle when the process is to end
neighbourhood         which copies have to be clustered anew, every pair judged
candidate_index       the index of stored copies, as far as this process holds it
teaser_memory         telling words of headlines and teasers, as far as this process has them
reading               which pages are to be read to decide
judgement_cache       prepared copies and verdicts, kept between batches
membership            a cluster: the copies of a story and why each is in it
placing               clusters -> rows of stories, with their ids
composing             what the stories say
decision_constraints  decisions -> constraints on clusters
kills                 kill notices
history               earlier versions of stories
related               stories that share words and are others
output_entry          which outputs a story enters
rules                 the configuration as far as these need it
"""
