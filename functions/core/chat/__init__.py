"""What people do in conversations: the use cases behind both doors, REST and the socket."""
