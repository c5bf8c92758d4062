"""Orders by status and the work lists, on the partition of each order.

`counted-orders`: key order id: what an order counts for in lists and totals (app.views.counted). `order-lists`: key
list, NUL, time, order (app.views.worklists). `order-list-heads`: key list, NUL: where it really begins.
"""

from app.lane.declare import Table
from app.views import counted, heads, worklists
from app.views.counted import Counted
from app.views.heads import Head
from app.views.worklists import WorkRow

COUNTED_ORDERS: Table[Counted] = Table("counted-orders", encode=counted.encode_row, decode=counted.decode_row)
ORDER_LISTS: Table[WorkRow] = Table("order-lists", encode=worklists.encode_row, decode=worklists.decode_row)
ORDER_LIST_HEADS: Table[Head] = Table("order-list-heads", encode=heads.encode_row, decode=heads.decode_row)
