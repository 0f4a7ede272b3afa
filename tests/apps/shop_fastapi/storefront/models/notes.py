from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storefront.models.base import Base, utc_now


class StaffNote(Base):
    """What the staff wrote down about a customer or an order: `target_type` says about which."""

    __tablename__ = "staff_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    target_type: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[int]
