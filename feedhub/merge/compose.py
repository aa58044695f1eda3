"""What a story says: its canonical copy chosen by policy, its fields composed within each copy's rights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from feedhub.merge.change import NAMED, Change, changed, compare, correction, plain, readable
from feedhub.merge.fields import body_of, fields_of, listed, summary_of
from feedhub.merge.headline_case import title_of
from feedhub.merge.members import Member
from feedhub.merge.revisions import mark_of
from feedhub.merge.trust import Shares, best_of, with_standing
from feedhub.model import CopyStanding, Dispute, RelatedStory, RevisionKind, Rights, Story
from feedhub.structs import replace


def compose(
    tag: str,
    members: Sequence[Member],
    *,
    previous: Story | None,
    now: datetime,
    released: datetime,
    shares: Shares,
    related: Sequence[RelatedStory] = (),
    updated: datetime | None = None,
) -> Story:
    """Compose the story that these copies tell; `previous` is what subscribers have seen of it so far.

    A story that lives again has no `previous`: it is told `updated`, which does not go back.
    """
    members = with_standing(members)
    speaking = [member for member in members if member.standing is CopyStanding.CURRENT]
    # most stories have one copy: its words need not be counted to know that it speaks
    canonical = speaking[0] if len(speaking) == 1 else best_of(speaking, shares)
    body = body_of(canonical, speaking, shares)
    everyone = [canonical, *sorted((m for m in members if m is not canonical), key=lambda m: (m.time, m.copy.key))]
    counting = [member for member in everyone if member.standing is not CopyStanding.UNCOUNTED]
    fields = fields_of(canonical, speaking, counting)
    mark = mark_of(speaking)
    titled = title_of(canonical, speaking)
    story = Story(
        id=tag,
        canonical=canonical.copy.key,
        title=titled.copy.title,
        html=(body.copy.html or None) if canonical.is_free else None,
        summary=summary_of(canonical),
        url=canonical.copy.url,
        via=_via(canonical, counting),
        authors=fields.authors,
        categories=fields.categories,
        language=fields.language,
        rights=canonical.copy.rights,
        media=fields.media,
        comments=canonical.copy.comments,
        agency=fields.agency,
        place=fields.place,
        date=fields.date,
        cited=fields.cited,
        revision=None if mark is None else str(mark),
        published=min(m.time for m in counting),
        dated=any(m.copy.published is not None and not m.copy.date_doubtful for m in counting),
        updated=max(canonical.time, updated or canonical.time),
        released=released,
        publisher=canonical.publisher,
        copies=listed(everyone),
        related=tuple(related),
        disputes=_disputes(canonical, counting),
        agencies=fields.agencies,
        words=len(body.text.split()),
        provenance={"title": titled.copy.key, "html": body.copy.key, **fields.provenance},
    )
    return _dated(story, canonical, speaking, previous, now)


def _via(canonical: Member, everyone: Sequence[Member]) -> str | None:
    own = next((m for m in everyone if m.publisher.agency), None)
    return None if own is None or own is canonical else own.copy.url


def _disputes(canonical: Member, counting: Sequence[Member]) -> tuple[Dispute, ...]:
    """Tell who has a newer revision that does not speak, and which facts it changes, as far as it may be quoted."""

    def facts(member: Member) -> tuple[tuple[str, str], ...]:
        if not (member.is_free and canonical.is_free):
            return ()
        return compare(canonical.text, member.text).facts[:NAMED]

    return tuple(
        Dispute(key=member.copy.key, name=member.publisher.name, facts=facts(member))
        for member in counting
        if member.standing is CopyStanding.DISPUTED
    )


def _dated(story: Story, canonical: Member, speaking: Sequence[Member], previous: Story | None, now: datetime) -> Story:
    """Set `updated`, which moves only for material change, and the note of a correction, which says what it changed."""
    name = canonical.publisher.name
    corrected = story.revision is not None and story.revision.startswith(RevisionKind.CORRECTION)
    if previous is None:
        return replace(story, correction=correction(None, name)) if corrected else story
    change = _news(previous, story, speaking)
    note = previous.correction
    corrects = corrected and (previous.revision != story.revision or bool(change.facts))
    if corrects:
        note = correction(change, name)
    elif note and previous.publisher.rights is Rights.FULL and story.publisher.rights is not Rights.FULL:
        # What it quotes may not be shown any more.
        note = correction(None, previous.publisher.name)
    updated = max(now, previous.updated) if change.material or corrects else previous.updated
    return replace(story, published=_published(story, previous), updated=updated, correction=note)


def _published(story: Story, previous: Story) -> datetime:
    """Return the date of a story, which gets no younger where one of its entries is given another date."""
    stays = {copy.key for copy in previous.copies} <= {copy.key for copy in story.copies}
    return min(story.published, previous.published) if stays else story.published


def _news(previous: Story, story: Story, speaking: Sequence[Member]) -> Change:
    """Tell what changed, aside from another outlet's headline and style where another copy of one text speaks."""
    regated = previous.publisher.rights != story.publisher.rights
    if regated and (previous.canonical == story.canonical or story.html is None):
        # More or less may be shown: that is no news.
        return Change()
    change = changed(previous, story)
    if previous.canonical == story.canonical:
        return change
    if plain(previous) == plain(story):
        return Change()
    before = previous.provenance.get("html", previous.canonical)
    stands = any(m.copy.key == before and readable(m.copy.html) == readable(previous.html or "") for m in speaking)
    return replace(change, facts=()) if stands else change
