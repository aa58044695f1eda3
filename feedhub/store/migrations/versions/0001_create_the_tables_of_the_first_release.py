"""Create the tables of the first release"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "article_text",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["base"], ["article_text.id"], name=op.f("fk_article_text_base")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_text")),
    )
    with op.batch_alter_table("article_text", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_article_text_base"),
            ["base"],
            unique=False,
            sqlite_where=sa.text("base IS NOT NULL"),
            postgresql_where=sa.text("base IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_article_text_digest"), ["digest"], unique=False)

    op.create_table(
        "archive",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("output", "number", name=op.f("pk_archive")),
    )
    op.create_table(
        "condition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition")),
    )
    with op.batch_alter_table("condition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_condition_source_kind"), ["source", "kind"], unique=False)

    op.create_table(
        "daily_count",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "source", "label", name=op.f("pk_daily_count")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("target", "subject", name=op.f("uq_delivery_target_subject")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_due_at"), ["due_at"], unique=False)

    op.create_table(
        "host",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("rests_until", sa.BigInteger(), nullable=True),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("pages_paused_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_host")),
    )
    op.create_table(
        "hub",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_hub")),
    )
    op.create_table(
        "hourly_count",
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "kind", name=op.f("pk_hourly_count")),
    )
    op.create_table(
        "label",
        sa.Column("left", sa.Text(), nullable=False),
        sa.Column("right", sa.Text(), nullable=False),
        sa.Column("labelled_by", sa.Text(), nullable=False),
        sa.Column("judgement", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("labelled_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("left", "right", "labelled_by", name=op.f("pk_label")),
    )
    op.create_table(
        "labelled_entry",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_labelled_entry")),
    )
    op.create_table(
        "listing",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("dates", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_listing")),
    )
    op.create_table(
        "manifest",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("document", "version", name=op.f("pk_manifest")),
    )
    with op.batch_alter_table("manifest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_manifest_document_at"), ["document", "at"], unique=False)

    op.create_table(
        "remark",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    with op.batch_alter_table("remark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_remark_source"), ["source"], unique=False)

    op.create_table(
        "segment",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
    )
    op.create_table(
        "teaser_segment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaser_segment")),
    )
    op.create_table(
        "robots_rules",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.LargeBinary(), nullable=True),
        sa.Column("closed", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_robots_rules")),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("configured", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
    )
    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_source_configured_due_at"), ["configured", "due_at"], unique=False)

    op.create_table(
        "source_furniture",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("learned", sa.BigInteger(), nullable=False),
        sa.Column("shingles", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_furniture")),
    )
    op.create_table(
        "source_pause",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.BigInteger(), nullable=False),
        sa.Column("paused_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("resumed_at", sa.BigInteger(), nullable=True),
        sa.Column("resumed_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_pause")),
    )
    with op.batch_alter_table("source_pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_source_pause_source"), ["source"], unique=False)

    op.create_table(
        "story",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("founder_source", sa.Text(), nullable=False),
        sa.Column("founder_guid", sa.Text(), nullable=False),
        sa.Column("founded", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("killed_by", sa.Text(), nullable=True),
        sa.Column("successor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("joined_by", sa.Text(), nullable=True),
        sa.Column("released", sa.BigInteger(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=True),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["successor"], ["story.id"], name=op.f("fk_story_successor")),
        sa.ForeignKeyConstraint(["text"], ["article_text.id"], name=op.f("fk_story_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
        sa.UniqueConstraint("tag", name=op.f("uq_story_tag")),
    )
    with op.batch_alter_table("story", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_story_text"), ["text"], unique=False)
        batch_op.create_index(batch_op.f("ix_story_change"), ["change"], unique=False)
        batch_op.create_index(batch_op.f("ix_story_founder_guid"), ["founder_guid"], unique=False)
        batch_op.create_index(batch_op.f("ix_story_state_newest"), ["state", "newest"], unique=False)
        batch_op.create_index(batch_op.f("ix_story_state_released"), ["state", "released"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("last_message_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_subscription")),
        sa.UniqueConstraint("key", name=op.f("uq_subscription_key")),
    )
    op.create_table(
        "verdict",
        sa.Column("left", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("right", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merged", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("left", "right", name=op.f("pk_verdict")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("verdict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_verdict_right"), ["right"], unique=False)

    op.create_table(
        "archive_entry",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("story", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=True),
        sa.Column("sources", sa.Text(), nullable=True),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name=op.f("fk_archive_entry_story")),
        sa.PrimaryKeyConstraint("output", "number", "position", name=op.f("pk_archive_entry")),
    )
    with op.batch_alter_table("archive_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archive_entry_story_output"), ["story", "output"], unique=False)

    op.create_table(
        "archived_story",
        sa.Column("story", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("change", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name=op.f("fk_archived_story_story")),
        sa.ForeignKeyConstraint(["text"], ["article_text.id"], name=op.f("fk_archived_story_text")),
        sa.PrimaryKeyConstraint("story", "change", name=op.f("pk_archived_story")),
    )
    with op.batch_alter_table("archived_story", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_archived_story_text"), ["text"], unique=False)

    op.create_table(
        "copy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("identity", sa.BigInteger(), nullable=False),
        sa.Column("served_guid", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("unlisted", sa.BigInteger(), nullable=True),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("page_key", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("story", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("published_story", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("relation", sa.Text(), nullable=True),
        sa.Column("matched", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("excluded", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["published_story"], ["story.id"], name=op.f("fk_copy_published_story")),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name=op.f("fk_copy_story")),
        sa.ForeignKeyConstraint(["text"], ["article_text.id"], name=op.f("fk_copy_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy")),
        sa.UniqueConstraint("source", "guid", name=op.f("uq_copy_source_guid")),
    )
    with op.batch_alter_table("copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_copy_text"), ["text"], unique=False)
        batch_op.create_index(
            "ix_copy_waiting",
            ["source", "first_seen", "guid"],
            unique=False,
            sqlite_where=sa.text("pending = 1"),
            postgresql_where=sa.text("pending"),
        )
        batch_op.create_index(batch_op.f("ix_copy_identity"), ["identity"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_copy_listed"),
            ["listed"],
            unique=False,
            sqlite_where=sa.text("body IS NULL"),
            postgresql_where=sa.text("body IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_copy_page_key"), ["page_key"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_copy_served_guid"),
            ["served_guid"],
            unique=False,
            sqlite_where=sa.text("served_guid IS NOT NULL"),
            postgresql_where=sa.text("served_guid IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_copy_source"),
            ["source"],
            unique=False,
            sqlite_where=sa.text("listed = 1"),
            postgresql_where=sa.text("listed"),
        )
        batch_op.create_index(
            batch_op.f("ix_copy_source_first_seen_listed_relation"),
            ["source", "first_seen", "listed", "relation"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_copy_story"), ["story"], unique=False)

    op.create_table(
        "decision_entry",
        sa.Column("decision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["decision"], ["decision.id"], name=op.f("fk_decision_entry_decision")),
        sa.PrimaryKeyConstraint("decision", "side", "source", "guid", name=op.f("pk_decision_entry")),
    )
    with op.batch_alter_table("decision_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_entry_source_guid"), ["source", "guid"], unique=False)

    op.create_table(
        "output_entry",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("story", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name=op.f("fk_output_entry_story")),
        sa.PrimaryKeyConstraint("output", "story", name=op.f("pk_output_entry")),
    )
    with op.batch_alter_table("output_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_output_entry_story"), ["story"], unique=False)
        batch_op.create_index(batch_op.f("ix_output_entry_output_entered_at"), ["output", "entered_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_output_entry_output_archived"),
            ["output", "archived"],
            unique=False,
            sqlite_where=sa.text("archived = 0"),
            postgresql_where=sa.text("NOT archived"),
        )

    op.create_table(
        "output_exclusion",
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("story", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name=op.f("fk_output_exclusion_story")),
        sa.PrimaryKeyConstraint("output", "story", name=op.f("pk_output_exclusion")),
    )
    with op.batch_alter_table("output_exclusion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_output_exclusion_story"), ["story"], unique=False)

    op.create_table(
        "search_pending",
        sa.Column("story", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name=op.f("fk_search_pending_story")),
        sa.PrimaryKeyConstraint("story", name=op.f("pk_search_pending")),
    )

    op.create_table(
        "story_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("story", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=True),
        sa.Column("text_source", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["story"], ["story.id"], name=op.f("fk_story_version_story")),
        sa.ForeignKeyConstraint(["text"], ["article_text.id"], name=op.f("fk_story_version_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_version")),
    )
    with op.batch_alter_table("story_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_story_version_text"), ["text"], unique=False)
        batch_op.create_index(batch_op.f("ix_story_version_source"), ["source"], unique=False)
        batch_op.create_index(batch_op.f("ix_story_version_story"), ["story"], unique=False)

    op.create_table(
        "copy_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("copy", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["copy"], ["copy.id"], name=op.f("fk_copy_version_copy")),
        sa.ForeignKeyConstraint(["text"], ["article_text.id"], name=op.f("fk_copy_version_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_version")),
    )
    with op.batch_alter_table("copy_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_copy_version_text"), ["text"], unique=False)
        batch_op.create_index(batch_op.f("ix_copy_version_copy"), ["copy"], unique=False)

    op.create_table(
        "settle_failure",
        sa.Column("copy", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("failed_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["copy"], ["copy.id"], name=op.f("fk_settle_failure_copy")),
        sa.PrimaryKeyConstraint("copy", name=op.f("pk_settle_failure")),
    )

    op.create_table(
        "entry_failure",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("page_key", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("failed_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "guid", name=op.f("pk_entry_failure")),
    )

    op.create_table(
        "page",
        sa.Column("copy", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("promise", sa.Float(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.BigInteger(), nullable=True),
        sa.Column("teaser", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["copy"], ["copy.id"], name=op.f("fk_page_copy")),
        sa.PrimaryKeyConstraint("copy", name=op.f("pk_page")),
    )
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_page_due_at"), ["due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_page_host_read_at"), ["host", "read_at"], unique=False)

    _create_search()


def _create_search() -> None:
    """Create the full-text index, which no table of SQLAlchemy's describes: see store/search.py."""
    if op.get_bind().dialect.name == "sqlite":
        # split by blanks alone: every token is letters, digits, signs and private-use marks
        tokenizer = "unicode61 remove_diacritics 0 categories ''L* M* N* Co''"
        op.execute(f"CREATE VIRTUAL TABLE story_search USING fts5(tokens, content='', tokenize='{tokenizer}')")
        # a round adds its stories in large transactions: in fewer and later steps their words are sorted in for two
        # thirds of the CPU, and a search takes as long
        for setting, value in (("hashsize", 4_000_000), ("automerge", 8)):
            op.execute(f"INSERT INTO story_search (story_search, rank) VALUES ('{setting}', {value})")
    else:
        op.create_table(
            "story_search",
            sa.Column("story", sa.BigInteger(), sa.ForeignKey("story.id"), primary_key=True, autoincrement=False),
            sa.Column("tokens", postgresql.TSVECTOR(), nullable=False),
        )
        # every search would read through a list of what is still to be indexed, or leave the index alone
        now = {"fastupdate": "off"}
        op.create_index(
            "ix_story_search_tokens", "story_search", ["tokens"], postgresql_using="gin", postgresql_with=now
        )
