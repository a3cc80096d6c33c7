# __name__

TODO: what the network is, and what of it is here.

- In: what is posted, and what proves it. Out: which calls put a message on the wire.
- What is an account, and what is subscribed as a whole. Windows, receipts, paces.
- Facts are from: TODO, the documents of the network.
