"""A stand-in of Discord: REST, gateway and CDN on loopback, as strict as the documented service.

    models, permissions, snowflakes, errors            what things are
      <- payloads, mentions, media                     how they are written on the wire
        <- observers, places, channels, threads, state what exists and what changes; who is told
          <- interactions                              a command or press, its three seconds and its token
            <- resolving, choosing, forms, invocation, people     the acting side: persons who type, press and read
              <- world                                 the state and the people in it: start here
            <- components, modals, settling, validation, commands, uploads     what Discord refuses
              <- limits, faults, pipeline              rate limits, injected faults, latency: the way of a request
                <- rest, session, gateway, cdn         the three doors
                  <- server                            one running stand-in
    render                                             a message as lines of plain text

Front ends stand on `world` and `people`; a bot sees only the doors.
"""
