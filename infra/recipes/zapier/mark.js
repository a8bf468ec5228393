// Code by Zapier, "Run JavaScript", the last step: from now on the document was here before. What failed on the way to
// it is not marked, so it can be sent again.
//
// Input Data: id, slot (from the first Code step) · store (the same UUID4).
await StoreClient(inputData.store).set(inputData.slot, inputData.id);
return { marked: inputData.id };
