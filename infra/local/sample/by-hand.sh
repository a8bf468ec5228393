curl -sS -w '\n' <URL> \
  -H 'Authorization: Bearer <KEY>' \
  -d '{
    "workspace_id": "acme",
    "whatsapp_account": {
      "full_name": "Nora Quillan",
      "email": "nora@acme.example.com", "phone": "+442079460018"
    },
    "chat": {
      "full_name": "Grace", "phone": "+447700900123",
      "responsible_name": "", "responsible_email": "",
      "chat_url": "https://app.example.com/chat/1/messages/",
      "chat_id": "1", "is_new_chat": true, "is_group": false
    },
    "message": {
      "direction": "received",
      "timestamp": "'$(curl -s <CLOCK>)'",
      "message_id": "by-hand-'$(date +%s)'",
      "sender": { "full_name": "Grace", "phone": "+447700900123" },
      "recipient": { "full_name": "Nora Quillan", "phone": "+442079460018" },
      "text": "Hello from my terminal"
    }
  }'
