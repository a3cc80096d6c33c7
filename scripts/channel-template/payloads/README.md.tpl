Bodies of webhooks as the network posts them, a file each: `{"source": "where it was found", "body": …}`. The contract kit reads
them all.
