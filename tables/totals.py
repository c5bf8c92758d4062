"""Totals of days, by zone and currency, of the orders of one partition. Key: app.views.totals."""

from app.lane.declare import Table
from app.views.totals import Totals, decode_row, encode_row

DAILY_TOTALS: Table[Totals] = Table("daily-totals", encode=encode_row, decode=decode_row)
